"""What is registered: an app for every rule, and every known case of a broken one."""

from __future__ import annotations

from collections import Counter

import tests.rules.broken
import tests.rules.legal
from asgi_testkit.protocol.rules import RULES
from tests.rules.registry import BROKEN, LEGAL

PACKAGES = (tests.rules.broken, tests.rules.legal)

CASES = """
H01 body_before_start body_only
H02 start_twice start_after_body
H03 body_after_complete start_after_complete
H04 return_nothing
H05 start_only_return
H06 more_body_return
H07 more_body_return_cl
H08 return_value
H09 send_after_return
H10 recover_after_bad
H11 body_str body_list body_none
H12 body_bytearray body_memoryview
H13 more_body_str more_body_none
H14 type_missing
H15 type_unknown type_unknown_after_start
H16 type_other_protocol
H17 msg_mapping
H18 msg_none
H19 status_missing
H20 status_none status_str status_float status_true
H21 status_0 status_99 status_neg status_1000
H22 status_600
H23 status_101 status_103
H24 hdr_name_str hdr_both_str
H25 hdr_value_str hdr_value_int hdr_value_none
H26 hdr_bytearray
H27 hdr_name_upper
H28 hdr_value_crlf hdr_value_lf hdr_value_cr hdr_value_nul
H29 hdr_name_space hdr_name_colon hdr_name_crlf hdr_name_empty hdr_name_nonascii
H30 hdr_pseudo
H31 hdr_none hdr_dict hdr_triple
H32 hdr_value_pad
H33 hdr_missing
H34 cl_too_small cl_too_small_stream cl_zero_body
H35 cl_too_big cl_too_big_stream
H36 hdr_cl_text hdr_cl_neg hdr_cl_plus
H37 hdr_cl_twice_diff
H38 hdr_cl_twice_same
H39 body_204 body_304 cl_204_body
H40 cl_204
H41 body_205
H42 head_with_body head_cl_mismatch
H43 hdr_te_chunked hdr_te_gzip hdr_te_and_cl
H44 exc_before_start exc_group exc_timeout exc_oserror
H45 exc_after_start exc_mid_body
H46 exc_after_complete cleanup_raises_after_complete_keepalive
H47 exc_cancelled exc_cancelled_mid
H48 exc_systemexit exc_kbd exc_systemexit_after
H49 exc_base exc_generatorexit
H50 never_responds
H51 trailers_undeclared
H52 trailers_missing
H53 trailers_declared push debug_ext zerocopysend
H54 early_hint_after_start
H55 pathsend_mixed pathsend_missing_file
H56 receive_before_response
H57 receive_after_complete
W01 ws_send_before_accept
W02 ws_accept_twice
W03 ws_send_after_close
W04 ws_close_twice
W05 ws_accept_after_reject
W06 ws_close_before_accept ws_close_before_connect
W07 ws_return_before_accept
W08 ws_return_after_accept
W09 ws_both
W10 ws_neither ws_both_none
W11 ws_bytes_is_str ws_text_is_bytes ws_text_is_int
W12 ws_bytes_bytearray ws_bytes_memoryview
W13 ws_text_surrogate
W14 ws_text_empty ws_bytes_empty
W15 ws_subprotocol_not_offered ws_subprotocol_none_offered ws_subprotocol_bytes
W15 ws_subprotocol_empty
W16 ws_accept_headers_str ws_accept_headers_crlf ws_accept_headers_none
W17 ws_accept_headers_protocol
W18 ws_accept_headers
W19 ws_close_0 ws_close_999 ws_close_1004 ws_close_1005 ws_close_1006 ws_close_1015
W19 ws_close_2000 ws_close_5000 ws_close_70000
W20 ws_close_1001 ws_close_1012
W21 ws_close_none ws_close_str
W22 ws_close_reason_long ws_close_reason_bytes
W23 ws_type_unknown ws_type_unknown_before ws_type_missing
W24 ws_http_response
W25 ws_exc_before_accept
W26 ws_exc_after_accept ws_exc_cancelled
W27 ws_exc_after_close
W28 ws_deny_start_only ws_deny_body_first ws_deny_then_accept ws_deny_start_then_accept
W28 ws_deny_twice ws_deny_after_accept
W29 ws_deny_status_101 ws_deny_headers_str ws_deny_body_str
W30 ws_deny_chunks ws_deny_no_headers ws_deny_no_body_key
W31 ws_deny
W32 ws_send_after_disconnect_uncaught ws_sending_into_abort
W33 ws_client_close_no_code
W34 ws_accept_without_receive
W35 ws_return_value
L01 raise raise_after_receive
L02 failed failed_raise
L03 never_answers never_receives
L04 returns_early returns_after_receive
L05 startup_twice complete_then_failed
L06 shutdown_first
L07 unknown_type type_missing http_message
L08 raise_after_startup shutdown_raises
L09 shutdown_failed
L10 shutdown_ignored
L11 shutdown_returns returns_after_startup
L12 shutdown_twice
L13 systemexit cancelled
L14 state_replaced
L15 complete_without_receive
L16 message_not_str
"""


def test_every_rule_has_an_app_that_breaks_it() -> None:
    assert {case.rule for case in BROKEN} == set(RULES)


def test_every_known_case_is_registered_by_its_rule() -> None:
    lines = (line.split() for line in CASES.strip().splitlines())
    known = {(rule, name) for rule, *names in lines for name in names}

    assert known - {(case.rule, case.name) for case in BROKEN} == set()


def test_no_case_is_registered_twice() -> None:
    names = Counter((case.kind, str(case)) for case in [*BROKEN, *LEGAL])

    assert {name for name, count in names.items() if count > 1} == set()
