"""This app's part of the demo data; `years.demo` assembles all parts."""
