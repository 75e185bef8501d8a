"""Where the people of the demo work. Without Django: `year` asks when their clocks change."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    city: str
    country: str
    region: str
    time_zone: str


SITES = [
    Site("Oslo", "Norway", "Nordics", "Europe/Oslo"),
    Site("Berlin", "Germany", "Central Europe", "Europe/Berlin"),
    Site("Lagos", "Nigeria", "Africa", "Africa/Lagos"),
    Site("Bengaluru", "India", "Asia Pacific", "Asia/Kolkata"),
    Site("Chicago", "United States", "Americas", "America/Chicago"),
    Site("São Paulo", "Brazil", "Americas", "America/Sao_Paulo"),
]
ZONES = {site.time_zone for site in SITES}
