"""The order feed: a WebSocket for each customer, and one for the shop."""

from __future__ import annotations

import pytest

from asgi_testkit import TestClient, WebSocketDenialResponse, WebSocketDisconnect
from shop.routes.feed import LOGGED_OUT

pytestmark = pytest.mark.usefixtures("lamp")


def test_customer_sees_how_far_an_order_has_come(ada: TestClient, bob: TestClient) -> None:
    with bob.websocket_connect("/feed") as feed:
        bob.post("/orders", json={"product_id": 1})
        ada.put("/orders/1/state", json={"state": "shipped"})

        assert feed.receive_json() == {"event": "state", "order_id": 1, "state": "placed"}
        assert feed.receive_json() == {"event": "state", "order_id": 1, "state": "shipped"}


def test_each_customer_sees_their_own_orders_only(
    ada: TestClient, bob: TestClient, cleo: TestClient
) -> None:
    with (
        bob.websocket_connect("/feed") as bobs,
        cleo.websocket_connect("/feed") as cleos,
        ada.websocket_connect("/feed") as shops,
    ):
        bob.post("/orders", json={"product_id": 1})
        cleo.post("/orders", json={"product_id": 1})

        assert bobs.receive_json()["order_id"] == 1
        assert cleos.receive_json()["order_id"] == 2
        assert [shops.receive_json()["order_id"] for _ in range(2)] == [1, 2]
        bobs.expect_nothing(0.05)


def test_customer_and_shop_talk_about_an_order(ada: TestClient, bob: TestClient) -> None:
    bob.post("/orders", json={"product_id": 1})

    with bob.websocket_connect("/feed") as bobs, ada.websocket_connect("/feed") as shops:
        bobs.send_json({"order_id": 1, "text": "Is it dimmable?"})
        question = shops.receive_json()
        shops.send_json({"order_id": question["order_id"], "text": "It is."})

        talk = [bobs.receive_json() for _ in range(2)]

    assert [(said["sender"], said["text"]) for said in talk] == [
        ("Bob", "Is it dimmable?"),
        ("Ada", "It is."),
    ]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('{"order_id": 1, "text": "Cancel it!"}', "You have no order 1."),
        ('{"order_id": 7, "text": "Hello?"}', "You have no order 7."),
        ("Hello?", "Send an order_id and a text."),
    ],
)
def test_message_that_goes_nowhere_is_refused(
    bob: TestClient, cleo: TestClient, message: str, reason: str
) -> None:
    bob.post("/orders", json={"product_id": 1})

    with cleo.websocket_connect("/feed") as feed:
        feed.send_text(message)

        assert feed.receive_json() == {"event": "refused", "reason": reason}


def test_nobody_follows_without_a_login(client: TestClient) -> None:
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/feed"):
        pass

    assert (denied.value.status_code, denied.value.json()) == (401, {"detail": "Log in first."})


@pytest.mark.in_process_only(
    "Granian does not close while the app waits for a message", over="granian"
)
def test_logging_out_closes_the_feed_of_this_browser_only(ada: TestClient, bob: TestClient) -> None:
    with bob.websocket_connect("/feed") as bobs, ada.websocket_connect("/feed") as shops:
        bob.post("/orders", json={"product_id": 1})
        bob.post("/logout")

        assert [event["state"] for event in bobs.iter_json()] == ["placed"]
        bobs.expect_close(LOGGED_OUT, "You logged out.")
        assert shops.receive_json()["state"] == "placed"
        assert not shops.closed


@pytest.mark.in_process_only(
    "Granian does not close while the app waits for a message", over="granian"
)
def test_waiting_for_news_after_the_logout_raises_the_code(bob: TestClient) -> None:
    with bob.websocket_connect("/feed") as feed:
        bob.post("/logout")

        with pytest.raises(WebSocketDisconnect, match="You logged out") as left:
            feed.receive_json()

    assert left.value.code == LOGGED_OUT


def test_customer_who_drops_out_does_not_stop_the_others(bob: TestClient, ada: TestClient) -> None:
    with ada.websocket_connect("/feed") as shops:
        with bob.websocket_connect("/feed") as bobs:
            bobs.disconnect()
        bob.post("/orders", json={"product_id": 1})

        assert shops.receive_json()["state"] == "placed"


def test_only_the_shop_changes_states(bob: TestClient) -> None:
    bob.post("/orders", json={"product_id": 1})

    response = bob.put("/orders/1/state", json={"state": "shipped"})

    assert (response.status_code, response.json()["detail"]) == (
        403,
        "This is for the shop's staff.",
    )
