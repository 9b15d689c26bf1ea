"""What counts for how much when relations are told: words, bounds and weights, each with its reason.

Weights are log odds: 0.7 doubles the odds, 3 makes them twenty times as high. They were set by reading judged pairs of
a recorded harvest; what is told above probability 0.5 stands as a relation.
"""

from __future__ import annotations

CURATED = frozenset(
    (
        "awesome-item awesome-selfhosted html-catalogue beta-gouv digital-public-goods sill publiccode developers- "
        "italia comptoir-du-libre dutch-register html-link canada-open-resource civic-json"
    ).split()
)
"""Readers of catalogues that people curate: they name products. The others list whatever an account holds."""

OF_MANY = frozenset(
    (
        "github.com gitlab.com bitbucket.org sourceforge.net google.com docs.google.com facebook.com twitter.com "
        "youtube.com trello.com medium.com linkedin.com wikipedia.org en.wikipedia.org fr.wikipedia.org kaggle.com "
        "meetup.com slack.com heroku.com herokuapp.com github.io readthedocs.io wordpress.com netlify.com"
    ).split()
)
"""Hosts whose first pages are nobody's own site."""

GENERIC = frozenset(
    (
        "a the of for and or to in on by my our your new old test tests demo example examples sample samples template "
        "templates app apps application applications api apis web www website websites site sites webapp page pages "
        "portal platform project projects repo repository data dataset datasets database db open code core lib "
        "library libraries common commons shared public private main base server client frontend front backend back "
        "ui ux cli gui docs doc documentation wiki manual guide guides handbook tutorial tutorials blog news slides "
        "presentation presentations talks workshop workshops training formation formations tools tool toolbox toolkit "
        "utils util utilities scripts script config configs configuration conf settings setup infra infrastructure "
        "deploy deployment docker dockerfile images image container containers kubernetes k8s helm chart charts "
        "ansible puppet terraform vagrant ci cd build builder dashboard admin map maps search bot crawler scraper "
        "scrapers parser analysis notebook notebooks notes meta misc sandbox playground poc prototype hello world "
        "first github gitlab assets static theme themes plugin plugins extension extensions module modules package "
        "packages service services system framework model models schema schemas ontology ontologies team members "
        "meetings meeting discussions issues issue ideas readme landing home homepage index event events hackathon "
        "hackathons de des du la le les et di da il pour un une ville city town state gov government civic brigade "
        "local react vue angular node python java javascript js ts typescript ruby rails django flask php go rust r "
        "jl io org com net fr py ios android mobile desktop 2 3 v2 v3 intake glossary onboarding resources resource "
        "style styleguide coc webservice webservices specification specifications cluster clusters manifest inventory"
    ).split()
)
"""Words that name no product: repositories are called so by owners who have nothing to do with each other."""

OF_A_PART = frozenset(
    (
        "api apis app apps web www website websites site sites webapp webapi portal server client clients frontend "
        "front backend back backoffice ui ux cli gui docs doc documentation apidoc wiki manual guide tutorial "
        "tutorials demo example examples sample samples template templates test tests e2e data dataset datasets db "
        "database lib library sdk plugin plugins extension extensions ext module modules mod package packages addon "
        "addons theme themes scripts script tools tool utils config configs conf settings infra infrastructure ops "
        "devops deploy deployment docker dockerfile image images container containers helm chart charts ansible "
        "puppet terraform kubernetes k8s ci ios android mobile desktop landing home homepage blog admin dashboard "
        "connector adapter wrapper binding bindings bot crawler scraper parser importer exporter core common assets "
        "static style styles mail newsletter benchmark benchmarks translations i18n l10n proxy worker service "
        "services middleware middlewares www io"
    ).split()
)
"""Words that, beside a product's name, name a part of it."""

AT_THE_CORE = ("core", "app", "platform", "server", "main", "engine", "backend", "api", "web", "framework", "src")
"""Which of several repositories with one prefix is the whole, the surest first."""

FORMER = frozenset(
    ("old archive archived archives legacy deprecated obsolete temp tmp bak backup previous former").split()
)
"""Words by which an owner sets aside an earlier state of the same thing."""

STACK = frozenset(
    (
        "python django react vue node nodejs docker ansible puppet terraform rails ruby symfony laravel jekyll hugo "
        "kubernetes helm gatsby php java spring angular flutter android ios linux debian ubuntu arduino bootstrap "
        "jquery github gitlab git wordpress wp drupal shiny leaflet opam maven gradle grafana prometheus traefik "
        "nginx postgres postgresql mysql redis elasticsearch kafka saltstack salt vagrant jupyter postgis apache "
        "tomcat go golang perl homebrew npm composer travis jenkins sphinx pandoc latex markdown slack twitter "
        "facebook google openstreetmap"
    ).split()
)
"""What things are made with: a name that begins with one tells of a tool's use, not of its part."""

PACKAGING = frozenset(
    (
        "docker dockers docker-images images containers terraform modules charts helm helm-charts ansible roles "
        "puppet salt saltstack-formulas formulas formula plmshift openshift k8s kubernetes templates myapps-templates "
        "vagrant notebooks packages deploiement deployment"
    ).split()
)
"""Groups on forges that hold how others' products are packed and deployed."""

SERVING = frozenset(("services service instances prod production internal interne internes instance").split())
"""Words of group or text that tell of an installation."""

OF_NO_NAME = frozenset(("head trunk code git svn hg master").split())
"""Ends of a repository's address that are not its name."""

LEAST_OF_ALL = 20_000
"""A small catalogue tells nothing of what is rare: its words count as if it were one of many."""

LONGEST_TEXT = 2_000  # characters of a text that are compared
SHORTEST_TEXT = 16  # folded characters; "Website" or "Projet web" are said of everything
MOST_THINGS = 8  # differently named things that say one text, above which it says nothing
LEAST_WEIGHT = 12.0  # of a text's words, so that two that share their only word are not alike
MOST_MENTIONS, SHARE_OF_MENTIONS = 60, 0.004  # of a word in texts, above which it names nothing
OWN_SHARE = 0.5  # of the repositories with a word in their names or texts, that are of one account: the word is its own
MOST_OF_A_SUITE = 40
MOST_COMPARED = 24  # of one block each with each; of larger ones by text, site and body
MOST_AT_A_SITE = 2  # accounts, above which a site is a third's
MOST_OF_A_SITE = 12  # of one owner at one site, above which it is the owner's own

# Two repositories of one name, of two owners: is one a copy of the other, or both of a third?
COPY_PRIOR = -1.6
COPY = {
    "fork": 2.0,  # the forge says so of one of them
    "both-forks": 0.8,
    "no-fork": -1.2,  # the forge says of both that they are none: still published without forking, sometimes
    "same-text": 4.0,
    "alike-text": 2.2,
    "unlike-text": -2.2,
    "one-silent": -0.6,  # a fork takes the description of its origin along
    "no-text": 0.3,
    "no-text-no-fork": -1.5,
    "same-site": 2.5,
    "other-site": -0.5,
    "rare-name": 0.35,  # by each log of rarity above RARE
    "spelled": -1.0,  # COVID-19 and covid19
    "forked-product": 0.7,  # a fork, and what a catalogue of products lists
    "of-a-kind": 1.2,  # three forks of that name say the same: the name is that of something which is forked
    "of-many": 2.4,  # eight
    "later": -1.0,  # made after the fork, and no fork
}
COPY_OVER_ANOTHER = 1.0  # how sure a copy of a copy is to be one of the origin, where the two alone do not tell
RARE = 6.0  # the rarity of a name of one middling word

# Entries under one name or at one site: are they one thing entered twice?
SAME_PRIOR = -1.8
SAME = {
    "name": 1.2,  # names written alike
    "inner-name": 0.6,  # one bears the other's name in its own
    "no-name": -4.0,
    "rare-name": 0.25,  # by each log of rarity above RARE_NAME
    "same-repository": 1.5,  # repositories of one telling name, at two places
    "same-site": 2.0,
    "same-text": 2.5,
    "alike-text": 1.2,
    "unlike-text": -0.8,  # of another length or language, perhaps
    "unlike-at-two-places": -2.5,  # but two repositories and two sites are two things
    "both-curated": 2.2,  # two catalogues of products
    "one-list": -4.0,  # one catalogue seldom holds a thing twice
    "twice-in-one-list": -1.0,  # but for the same words under the same name
    "one-curated": -0.5,
    "unknown": -1.5,  # where nobody says that the other is no fork
    "unsupported": -2.5,  # one catalogue has it, and neither text nor site nor owner says that it is the other
    "silent": -1.2,  # likewise, and the catalogue says nothing that could be compared
    "moved": 8.0,  # it says that it moved there, or was written anew
    "neither-curated": -8.0,  # what two accounts hold under one name are copies, rather
    "body": 9.0,  # but for one organisation at two places
    "two-forges": 8.0,  # or what two forges hold in the same words, and neither calls a fork: it moved
    "other-body": 1.0,  # under two names these are two things of one organisation
    "fork": -8.0,  # what one account forked from another is a copy
    "one-owner": -3.0,  # two repositories of one account are two things
    "former": 4.5,  # but for one that it calls old, or that has the other's name in another group
    "affinity": 2.0,  # an account whose things that catalogue lists
    "no-address": 0.6,  # one of them has no repository that could be another
    "declared": 2.5,  # one declares the other's address
    "mirror": 9.0,  # it says so
    "packaged": -3.0,
    "group": 6.0,  # an address of the group that holds a repository of its name
}
RARE_NAME = 6.0
UNLIKE = 0.15  # of two texts

# Which of several copies is the origin of the others?
ORIGIN = {
    "curated": 3.0,
    "no-fork": 1.0,  # the forge says so
    "first": 1.5,  # made before all others
    "later": -4.0,  # made after a copy of it
    "owner": 2.5,  # ckan/ckan
    "site": 1.5,  # its site is its owner's, or bears its name
    "stars": 0.6,  # by each power of ten, above the others' most
    "text": 1.0,  # it names its owner
    "name": 0.5,  # it is called as most of them are
    "other-name": -1.5,
    "unlike": -3.0,  # it says nothing of what the others say
}
ORIGIN_LEAST = 1.0
