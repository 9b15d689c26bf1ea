"""The figures that the harvester holds, each as a ratio with its baseline in the same run: `make bench`."""
