"""The commands that stand for the scripts of the testing document."""
