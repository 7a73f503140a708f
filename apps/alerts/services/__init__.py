"""How alerts come about, how people see to them, and how they are told."""
