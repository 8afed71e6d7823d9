"""Networks that others trained, from files on this machine: checked before they are believed."""
