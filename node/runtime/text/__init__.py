"""Text that people wrote: made safe, made into HTML, made plain, compared.

- `cleaning` a stranger's HTML -> HTML that is safe to show;
- `composing` what our own author typed -> HTML with its links, mentions and hashtags;
- `plain` HTML -> text; `folding` text -> the form in which it is compared; `languages` language tags.

Every function here takes time in proportion to its input, whatever the input: all of it comes from strangers.
"""
