"""YAML as the official validator's library reads it: its tokens, its tree, its complaints and their places.

The harvester reads files with libyaml (`harvester.normalize.yaml_safe`). A validator that must name the same line needs
the same reader: goccy/go-yaml accepts what libyaml refuses (a key of two dots, some tabs), refuses what it accepts (a
value below a value), and complains of other places. The behaviour of its version 1.19 is followed here, in five steps:
`scanner` makes tokens, `grouping` joins those that belong together, `parser` makes the tree of `nodes`.
"""
