"""What pages say of the log. It has no page here: a company's is among its settings, the operators' among theirs."""
