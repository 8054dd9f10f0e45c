"""What `judgebench plugin new` writes: a package with one small component, from templates in `templates`."""
