"""The example `examples/ecommerce`, as its README tells it: a hundred orders, every one accounted for, once."""

import json
import subprocess
import sys

from conftest import ROOT

SHOP = ROOT / "examples/ecommerce/shop.py"


def test_every_order_is_accounted_for(start, tmp_path):
    server = start("--data-dir", str(tmp_path / "data"))

    def shop(*arguments, **environment):
        command = [sys.executable, str(SHOP), *arguments]
        done = subprocess.run(command, env={**server.environment(), **environment}, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    shop("setup")
    shop("order", "100")
    shop("work", BANK="closed")
    before = json.loads(shop("report"))
    # Orders 0, 10, …, 90 cannot be paid; those of them for which there was no cocoa are rejected all the same.
    unpaid = before["orders"]["reserved"]
    assert 0 < unpaid <= 10 and before["waiting"]["payment-dead"] == unpaid
    failed = server.client("logs").filter_log_events(logGroupName="/shop", filterPattern='"bank is closed"')["events"]
    assert len(failed) == 2 * unpaid

    shop("redrive")
    shop("work")
    after = json.loads(shop("report"))
    assert after["orders"] == {"shipped": 77, "rejected": 23}
    # A shipped order moved from placed to reserved, paid and shipped; a rejected one but once: none did so twice.
    assert after["moves"] == {"3": 77, "1": 23}
    assert after["receipts"] == 77
    assert after["stock"] == {
        "tea": {"available": 6, "reserved": 34},
        "coffee": {"available": 7, "reserved": 33},
        "cocoa": {"available": 0, "reserved": 10},
    }
    assert after["events"] == {"order_placed": 100, "stock_reserved": 77, "payment_taken": 77, "order_shipped": 77, "order_rejected": 23}
    assert set(after["waiting"].values()) == {0}
