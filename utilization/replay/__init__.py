"""Replay: what criteria would have come to over a history of requests, in columns and exactly as the judge says.

The history of a site comes from `utilization.replay.history`, which alone needs the database.
"""

from utilization.replay.by_judge import plain_outcomes as plain_outcomes
from utilization.replay.impact import Change as Change
from utilization.replay.impact import Impact as Impact
from utilization.replay.impact import columns_outcomes as columns_outcomes
from utilization.replay.impact import impact as impact
from utilization.replay.open_requests import OpenRequest as OpenRequest
from utilization.replay.parquet import NotKept as NotKept
from utilization.replay.parquet import write as write
from utilization.replay.rows import Row as Row
