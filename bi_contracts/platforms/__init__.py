"""The built-in platforms, one file each: declarations only."""
