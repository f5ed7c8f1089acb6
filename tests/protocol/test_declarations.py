"""The declarations: every frame of the specification's table, each once."""

import pytest

from custom_components.ykc.protocol import DOWN, MESSAGES, UP, Direction, Heartbeat

# Type, name, direction, section, bytes of the body (of a list without items), bytes of an item, reply.
TABLE: tuple[tuple[int, str, Direction, str, int, int, int | None], ...] = (
    (0x01, "login", UP, "6.1", 30, 0, 0x02),
    (0x02, "login_reply", DOWN, "6.2", 8, 0, None),
    (0x03, "heartbeat", UP, "6.3", 9, 0, 0x04),
    (0x04, "heartbeat_reply", DOWN, "6.4", 9, 0, None),
    (0x05, "billing_model_check", UP, "6.5", 9, 0, 0x06),
    (0x06, "billing_model_check_reply", DOWN, "6.6", 10, 0, None),
    (0x09, "billing_model_request", UP, "6.7", 7, 0, 0x0A),
    (0x0A, "billing_model_reply", DOWN, "6.8", 90, 0, None),
    (0x12, "read_realtime", DOWN, "7.1", 8, 0, 0x13),
    (0x13, "realtime", UP, "7.2", 60, 0, None),
    (0x15, "bms_handshake", UP, "7.3", 73, 0, None),
    (0x17, "bms_configuration", UP, "7.4", 45, 0, None),
    (0x19, "bms_charge_end", UP, "7.5", 39, 0, None),
    (0x1B, "bms_error", UP, "7.6", 32, 0, None),
    (0x1D, "bms_abort", UP, "7.7", 28, 0, None),
    (0x21, "charger_abort", UP, "7.8", 28, 0, None),
    (0x23, "bms_demand", UP, "7.9", 44, 0, None),
    (0x25, "bms_status", UP, "7.10", 31, 0, None),
    (0x31, "start_request", UP, "8.1", 51, 0, 0x32),
    (0x32, "start_request_reply", DOWN, "8.2", 38, 0, None),
    (0x33, "remote_start_reply", UP, "8.4", 26, 0, None),
    (0x34, "remote_start", DOWN, "8.3", 44, 0, 0x33),
    (0x35, "remote_stop_reply", UP, "8.6", 10, 0, None),
    (0x36, "remote_stop", DOWN, "8.5", 8, 0, 0x35),
    (0x3B, "transaction_record", UP, "8.7", 94, 16, 0x40),
    (0x40, "transaction_ack", DOWN, "8.8", 17, 0, None),
    (0x41, "balance_update_reply", UP, "8.10", 16, 0, None),
    (0x42, "balance_update", DOWN, "8.9", 20, 0, 0x41),
    (0x43, "offline_cards_add_reply", UP, "8.12", 9, 0, None),
    (0x44, "offline_cards_add", DOWN, "8.11", 8, 16, 0x43),
    (0x45, "offline_cards_remove_reply", UP, "8.14", 7, 10, None),
    (0x46, "offline_cards_remove", DOWN, "8.13", 8, 8, 0x45),
    (0x47, "offline_cards_query_reply", UP, "8.16", 7, 9, None),
    (0x48, "offline_cards_query", DOWN, "8.15", 8, 8, 0x47),
    (0x51, "work_parameters_reply", UP, "9.2", 8, 0, None),
    (0x52, "work_parameters", DOWN, "9.1", 9, 0, 0x51),
    (0x55, "time_sync_reply", UP, "9.4", 14, 0, None),
    (0x56, "time_sync", DOWN, "9.3", 14, 0, 0x55),
    (0x57, "billing_model_set_reply", UP, "9.6", 8, 0, None),
    (0x58, "billing_model_set", DOWN, "9.5", 90, 0, 0x57),
    (0x61, "parking_lock_status", UP, "10.1", 16, 0, None),
    (0x62, "parking_lock_control", DOWN, "10.2", 13, 0, 0x63),
    (0x63, "parking_lock_reply", UP, "10.3", 13, 0, None),
    (0x91, "reboot_reply", UP, "11.2", 8, 0, None),
    (0x92, "reboot", DOWN, "11.1", 8, 0, 0x91),
    (0x93, "update_reply", UP, "11.4", 8, 0, None),
    (0x94, "update", DOWN, "11.3", 94, 0, 0x93),
    (0xA1, "parallel_start_request", UP, "12.1", 58, 0, 0xA2),
    (0xA2, "parallel_start_request_reply", DOWN, "12.2", 44, 0, None),
    (0xA3, "parallel_remote_start_reply", UP, "12.4", 33, 0, None),
    (0xA4, "parallel_remote_start", DOWN, "12.3", 50, 0, 0xA3),
    # Variants
    (0x39, "transaction_record_v12", UP, "", 92, 16, 0x3A),
    (0x3A, "transaction_ack_v12", DOWN, "", 17, 0, None),
    (0x3D, "transaction_record_v17", UP, "", 94, 16, 0x40),
    (0x3F, "transaction_record_v14", UP, "", 92, 16, 0x40),
    (0x59, "gun_qr_code_reply", UP, "", 9, 0, None),
    (0x5A, "gun_qr_code", DOWN, "", 8, 0, 0x59),
    (0x9B, "local_qr_code_reply", UP, "", 9, 0, None),
    (0x9C, "local_qr_code", DOWN, "", 3, 0, 0x9B),
    (0xF0, "qr_code", DOWN, "", 9, 0, 0xF1),
    (0xF1, "qr_code_reply", UP, "", 8, 0, None),
)


@pytest.mark.parametrize(("frame_type", "name", "direction", "section", "size", "item", "reply"), TABLE)
def test_table(
    frame_type: int, name: str, direction: Direction, section: str, size: int, item: int, reply: int | None
) -> None:
    """A message is what the specification's table says."""
    message = MESSAGES[frame_type]
    assert (frame_type, name, direction, section) == (message.TYPE, message.NAME, message.DIRECTION, message.SECTION)
    assert (message.LAYOUT.fixed_size, message.LAYOUT.item_size, message.REPLY) == (size, item, reply)
    assert message.ZH
    assert message.__doc__
    assert all(field.zh for field in message.FIELDS)


def test_all_frames_are_there() -> None:
    """51 frames of V1.6 and the variants, no more and no less; a reply is never the same way as its request."""
    assert set(MESSAGES) == {row[0] for row in TABLE}
    assert sum(1 for message in MESSAGES.values() if message.SECTION) == 51
    for message in MESSAGES.values():
        if message.REPLY is not None:
            assert MESSAGES[message.REPLY].DIRECTION is not message.DIRECTION


def test_a_frame_type_is_declared_once() -> None:
    """A second message of a type is a mistake."""
    with pytest.raises(TypeError, match="0x03 is Heartbeat already"):

        class Another(Heartbeat, type=0x03, direction=UP):
            pass
