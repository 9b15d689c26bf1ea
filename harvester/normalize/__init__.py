"""One file a format: a payload in, records out. Nothing here touches the network, a database or a clock."""
