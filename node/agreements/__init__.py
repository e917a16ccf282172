"""Who shares what with whom: territories, agreements between them and their members, and what follows from them.

`terms` what is agreed, `words` what each party last said and what follows from both (pure), `agreements` the rows,
`history` what was ever said, `speaking` the verbs, `announcing` what is passed on, `requests` how a commune on other
software says it, `letters` how clients are told, `territories` the groups and their places, `timeline` what they show.
"""
