"""The store as tools of the Model Context Protocol, over stdin and stdout or HTTP."""
