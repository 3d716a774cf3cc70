"""This app's part of the demo, combined by `years.demo`."""
