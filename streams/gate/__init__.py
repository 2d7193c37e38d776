"""The gate between figure and publication: live, recount and SQL at one `as_of`, side by side."""
