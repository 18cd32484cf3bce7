"""The functions of regions: one leads a switch, one acts in it, one asks how all regions are."""
