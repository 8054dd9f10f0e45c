"""What several measures count alike: gold labels, two groups of units, the style of a text."""
