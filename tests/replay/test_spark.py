"""The same SQL, unchanged, on a distributed engine: Spark in local mode tells what DuckDB tells.

Spark is no part of the product; to run this, put pyspark (and a Java) where this interpreter finds it.
"""

import pytest

from tests.replay.histories import TABLES, judged, rows_for
from utilization import criteria, replay
from utilization.replay import queries
from utilization.replay.by_judge import NAMES

spark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed, so the SQL was run on DuckDB alone")

# Raised inside Spark, about Spark.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def spark():
    builder = spark_sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.mark.parametrize("name", ["ivig-builtin", "us-payer"])
def test_spark_tells_what_duckdb_and_the_judge_tell(name, spark, tmp_path):
    pack = criteria.pack_at(criteria.shipped_packs()[name])
    rows = rows_for(pack, 1500, 9, sorted(pack.indications)[:12])
    store = queries.opened(replay.write(rows, tmp_path / "history", pack, TABLES))
    told, one_by_one = {}, judged(pack, rows)
    for code in store.codes:
        frame = spark.read.parquet(str(store.place / f"{code}.parquet"))
        frame.createOrReplaceTempView("requests")
        for path in queries.judged_paths(pack, code, TABLES, store.meta["indications"][code]["columns"]):
            sql = path.outcome.replace("{more}", ", uid").replace("{rows}", "requests")
            told |= {row.uid: row.outcome for row in spark.sql(sql).collect()}
    assert told.keys() == one_by_one.keys()
    # NULL is the word of both engines for: ask the judge.
    wrong = [uid for uid, code in told.items() if code is not None and NAMES[code] != one_by_one[uid]]
    assert wrong == []
    assert sum(code is None for code in told.values()) < len(told) / 50


def test_the_kept_results_are_told_alike(spark, tmp_path):
    pack = criteria.builtin_pack()
    store = queries.opened(replay.write(rows_for(pack, 500, 10), tmp_path / "history", pack, TABLES))
    for code in store.codes:
        file = str(store.place / f"{code}.parquet")
        spark.read.parquet(file).createOrReplaceTempView("requests")
        for path in queries.judged_paths(pack, code, TABLES, store.meta["indications"][code]["columns"]):
            sql = path.results
            in_duckdb = store.con.execute(sql.replace("{rows}", f"read_parquet('{file}')")).fetchall()
            in_spark = [tuple(row) for row in spark.sql(sql.replace("{rows}", "requests")).collect()]
            assert sorted(in_spark) == sorted(in_duckdb)
