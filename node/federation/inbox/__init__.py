"""The way in: `receive` proves who speaks and stores once, `processing` works the rows, `handlers` is the table.

`verification` says who signed a request, `limits` who comes too often; one module for each kind of activity.
"""
