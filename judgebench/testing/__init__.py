"""The public kit for testing plugins, and our own tests: what needs no model, no key and no network.

`loopback` is an OpenAI-compatible server on 127.0.0.1. The backend `scripted` needs not even that.
Nothing here is imported by judgebench itself.
"""
