"""Time zones as Azure names them: those of Windows, by the names that everybody else uses."""

from tzlocal.windows_tz import tz_win

NOT_TAKEN = frozenset(
    {
        "Alberta Standard Time",
        "British Columbia Standard Time",
        "Magallanes Standard Time",
        "Manitoba Standard Time",
        "Omsk Standard Time",
        "Qyzylorda Standard Time",
        "Sao Tome Standard Time",
        "Saratov Standard Time",
        "South Sudan Standard Time",
        "Sudan Standard Time",
        "UTC+13",
        "Volgograd Standard Time",
        "Yukon Standard Time",
    }
)
"""Time zones of Windows that Azure ML does not take (`TimeZone` of azure-ai-ml 1.35)."""


def windows_zone(iana: str) -> str | None:
    """Return what Azure calls a time zone, by Unicode's CLDR; `None` for one it does not know."""
    zone = tz_win.get(iana)
    return None if zone in NOT_TAKEN else zone
