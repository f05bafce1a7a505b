"""The demo's two companies: three weeks of work, told through the product's own verbs on a clock that is set."""
