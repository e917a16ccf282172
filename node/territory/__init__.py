"""Reference data of the French official geographic code: communes, EPCI, départements, régions.

Read-only and the same for everybody: who shares what with whom is elsewhere. `gazetteer` looks places up,
`places` says what is found, `names` compares and inflects names, `handles` proposes the left of the @. The
data file and where it comes from: `data/SOURCE.md`, made by `scripts/territory_data.py`.
"""
