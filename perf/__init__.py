"""Measurements and drills: `./dev bench NAME`, `./dev drill NAME`."""
