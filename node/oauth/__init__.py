"""OAuth 2: applications, consent, codes, tokens (RFC 6749, 7009, 7636, 8414). Pages are node.web's, HTTP node.api's."""
