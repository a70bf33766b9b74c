"""Parts of `bench/two_hosts.py`: two hosts in network namespaces, their database, and the people who work on them."""
