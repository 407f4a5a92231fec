"""The lenient-penalty determination: facts and a rule package go in, a proposal that explains itself comes out.

Pure, total and three-valued (domain.md section 3); imports kernel only. The engine proposes, the head decides
(行政处罚法 art. 57). Start with engine.py (`determine`), then gates_statute.py; `rules.py` is the package's shape.
"""
