"""Known states to practise in: the demo org, and a large one."""
