"""This app's part of the demo, put together by `years.demo`."""
