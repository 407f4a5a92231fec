"""The demo station's matter: made-up enterprises, lists, officers and visits (示例数据).

Everything here is deterministic. Published facts come from resources/lists with their sources and keep
Origin.PUBLISHED; everything made up carries Origin.DEMO and is never cited as published.
Imports domain and kernel only. Read build.py first.
"""
