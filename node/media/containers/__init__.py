"""The containers of films and sounds: read, and emptied of what is neither picture nor sound.

Each module reads one family. A place, a camera's name, titles, times, cover pictures, subtitles: what it does not know
is blanked, what it knows stays. Bytes are blanked where they lie, because tables inside the file count from its beginning.
No decoder runs here: these are tables of lengths, read by ours, so that a hostile file can at worst be refused.
"""
