"""What crosses the wire: keys, versions, parameters, idempotency, lists, expansion, faults and the log."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import pytest
import stripe

from tests.stripe_wire import faults, parameters
from tests.stripe_wire.conftest import Shop
from tests.stripe_wire.routes import ENDPOINTS, Endpoint
from tests.stripe_wire.server import StripeServer


def test_a_wrong_key_is_refused(server: StripeServer):
    client = stripe.StripeClient("sk_test_" + "0" * 24, base_addresses={"api": server.url})

    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided"):
        client.v1.customers.list()


def test_another_api_version_is_refused(server: StripeServer, client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.list(options={"stripe_version": "2020-08-27"})

    assert refused.value.code == "not_in_the_local_stripe"


def test_the_account_is_the_keys_own(server: StripeServer, client: stripe.StripeClient):
    account = client.v1.accounts.retrieve_current()

    assert client.v1.accounts.retrieve(account.id).id == account.id
    with pytest.raises(stripe.PermissionError):
        client.v1.customers.list(options={"stripe_account": "acct_another"})


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"made_up": "1"}, "parameter_unknown", "made_up"),
        ({"address": {"made_up": "1"}}, "parameter_unknown", "address[made_up]"),
        ({"email": ""}, "parameter_invalid_empty", "email"),
        ({"balance": "much"}, "parameter_invalid_integer", "balance"),
        ({"tax_exempt": "perhaps"}, None, "tax_exempt"),
        ({"test_clock": "clock_1"}, "not_in_the_local_stripe", None),
    ],
)
def test_parameters_are_held_against_stripes(client: stripe.StripeClient, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.create(params)

    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


@pytest.mark.parametrize("one", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_what_an_endpoint_takes_is_what_stripe_takes(one: Endpoint):
    assert [name for name in one.takes.split() if not _is_described(one.spec, name.split("."))] == []


def _is_described(spec: type, names: list[str]) -> bool:
    hint = parameters.hints_of(spec)[0].get(names[0])
    if hint is None or len(names) == 1:
        return hint is not None
    inner = [part for option in parameters.options_of(hint) for part in (option, *get_args(option))]
    return any(_is_described(part, names[1:]) for part in inner if hasattr(part, "__required_keys__"))


def test_metadata_has_stripes_limits(client: stripe.StripeClient):
    client.v1.customers.create({"metadata": {"k" * 40: "v" * 500}})

    for metadata in ({"k" * 41: "v"}, {"k": "v" * 501}, {str(number): "v" for number in range(51)}):
        with pytest.raises(stripe.InvalidRequestError, match=r"[Mm]etadata"):
            client.v1.customers.create({"metadata": metadata})


def test_a_missing_parameter_is_named(client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.products.create({"description": "nameless"})

    assert (refused.value.code, refused.value.param) == ("parameter_missing", "name")


def test_what_is_not_there_is_missing(client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.retrieve("cus_nobody")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert str(refused.value.user_message) == "No such customer: 'cus_nobody'"


def test_an_unknown_path_is_not_found(client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.coupons.list()


def test_the_same_key_answers_the_same_once_more(shop: Shop):
    options = {"idempotency_key": "k1"}

    first = shop.client.v1.customers.create({"email": "a@example.com"}, options=options)
    second = shop.client.v1.customers.create({"email": "a@example.com"}, options=options)

    assert second.id == first.id
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert len(shop.client.v1.customers.list({"email": "a@example.com"}).data) == 1


def test_the_same_key_for_something_else_is_refused(shop: Shop):
    shop.client.v1.customers.create({"email": "a@example.com"}, options={"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError):
        shop.client.v1.customers.create({"email": "b@example.com"}, options={"idempotency_key": "k1"})


def test_a_key_is_forgotten_after_a_day(shop: Shop):
    made = [shop.client.v1.customers.create({}, options={"idempotency_key": "k1"}).id]
    shop.server.advance(hours=25)
    made.append(shop.client.v1.customers.create({}, options={"idempotency_key": "k1"}).id)

    assert len(set(made)) == 2


def test_an_account_whose_test_data_is_deleted_knows_no_object_and_no_key(shop: Shop):
    made = shop.client.v1.customers.create({}, options={"idempotency_key": "k1"})
    account = shop.client.v1.accounts.retrieve_current().id

    shop.server.delete_test_data()

    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.client.v1.customers.retrieve(made.id)
    assert shop.client.v1.customers.create({}, options={"idempotency_key": "k1"}).id != made.id
    assert shop.client.v1.accounts.retrieve_current().id == account


def test_a_malformed_request_does_not_use_up_its_key(shop: Shop):
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.customers.create({"made_up": "1"}, options={"idempotency_key": "k1"})

    assert shop.client.v1.customers.create({"email": "a@example.com"}, options={"idempotency_key": "k1"}).id


def test_lists_come_newest_first_in_pages(shop: Shop):
    made = [shop.client.v1.customers.create({"name": str(number)}).id for number in range(5)]

    first = shop.client.v1.customers.list({"limit": 2})
    second = shop.client.v1.customers.list({"limit": 2, "starting_after": first.data[-1].id})
    back = shop.client.v1.customers.list({"limit": 2, "ending_before": second.data[0].id})

    assert [one.id for one in first.data] == [made[4], made[3]]
    assert [one.id for one in second.data] == [made[2], made[1]]
    assert [one.id for one in back.data] == [made[4], made[3]]
    assert (first.object, first.has_more, first.url) == ("list", True, "/v1/customers")
    assert [one.id for one in shop.client.v1.customers.list({"limit": 2}).auto_paging_iter()][:5] == made[::-1]


def test_lists_are_filtered_by_time(shop: Shop):
    start = int(shop.server.now.timestamp())
    shop.server.advance(days=1)
    later = shop.client.v1.customers.create({}).id

    assert [one.id for one in shop.client.v1.customers.list({"created": {"gt": start}}).data] == [later]
    assert [one.id for one in shop.client.v1.customers.list({"created": {"lte": start}}).data] == [shop.customer]


def test_expansion_puts_objects_for_ids(shop: Shop):
    session = shop.buy()
    shop.server.pay(session)

    found = shop.client.v1.checkout.sessions.retrieve(
        session, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items.data.price.product"]}
    )

    assert found.payment_intent.latest_charge.balance_transaction.net == 1000 - 59
    assert found.line_items.data[0].price.product.name == "Credits"


@pytest.mark.parametrize("path", ["made_up", "currency", "metadata.x"])
def test_what_cannot_be_expanded_is_refused(shop: Shop, path: str):
    session = shop.buy()

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.client.v1.checkout.sessions.retrieve(session, {"expand": [path]})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.RATE_LIMITED, stripe.RateLimitError),
        (faults.BROKEN, stripe.APIError),
        (faults.RESET, stripe.APIConnectionError),
    ],
)
def test_a_planned_fault_meets_one_request(shop: Shop, fault: faults.Fault, error: type[Exception]):
    shop.server.fail("/v1/customers", fault)

    assert len(shop.client.v1.products.list().data) == 1
    with pytest.raises(error):
        shop.client.v1.customers.create({"email": "late@example.com"})
    assert shop.client.v1.customers.list({"email": "late@example.com"}).data == []


def test_the_sdks_second_try_finds_what_the_first_did(shop: Shop):
    shop.server.fail("/v1/customers", faults.RESET.after_effect(), method="POST")

    made = shop.server.client(max_network_retries=2).v1.customers.create({"email": "once@example.com"})

    assert [one.id for one in shop.client.v1.customers.list({"email": "once@example.com"}).data] == [made.id]
    asked = [
        one for one in shop.server.requests if one.params == {"email": "once@example.com"} and one.method == "POST"
    ]
    assert [one.status for one in asked] == [0, 200]
    assert len({one.idempotency_key for one in asked}) == 1


def test_a_slow_answer_is_the_right_one(shop: Shop):
    shop.server.fail("/v1/customers/.*", faults.slow(0.1))

    started = time.monotonic()
    found = shop.client.v1.customers.retrieve(shop.customer)

    assert found.id == shop.customer
    assert time.monotonic() - started >= 0.1


def test_no_answer_ends_with_the_callers_patience(shop: Shop):
    shop.server.fail("/v1/customers/.*", faults.TIMEOUT)
    impatient = shop.server.client(http_client=stripe.RequestsClient(timeout=0.1), max_network_retries=0)

    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.customers.retrieve(shop.customer)

    assert shop.server.requests[-1].status == 0


def test_requests_at_once_with_one_key_do_one_thing(shop: Shop):
    def create(_: int) -> str:
        params, options = {"email": "once@example.com"}, {"idempotency_key": "k1"}
        return shop.server.client().v1.customers.create(params, options=options).id

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(create, range(8)))

    assert [one.id for one in shop.client.v1.customers.list({"email": "once@example.com"}).data] == list(made)
