"""GitLab: GraphQL where an instance serves it, REST where it does not."""
