//! Events as messages: `c` (changed) or `d` (deleted), the session's id, the tag of the call.

use redis::{PushInfo, PushKind, Value};

use super::error::Fault;
use super::text;
use crate::session::contract::StoreEvent;

/// Names the call that made an event, so that one that arrives by several ways is given once.
pub(super) type Tag = [u8; 32];

pub(super) fn message(event: &StoreEvent, tag: &[u8]) -> Vec<u8> {
    let (kind, id) = match event {
        StoreEvent::Changed(id) => (b'c', id),
        StoreEvent::Deleted(id) => (b'd', id),
    };
    [&[kind], text::id(id).as_bytes(), tag].concat()
}

/// The event in what was pushed; `None` if that is no message.
pub(super) fn of_push(push: &PushInfo) -> Result<Option<(StoreEvent, Tag)>, Fault> {
    match (&push.kind, push.data.as_slice()) {
        (PushKind::Message, [_, Value::BulkString(message)]) => parse(message).map(Some),
        (PushKind::Message, _) | (PushKind::Disconnection, _) => Err(Fault::EventsLost),
        _ => Ok(None),
    }
}

fn parse(message: &[u8]) -> Result<(StoreEvent, Tag), Fault> {
    let (kind, rest) = message.split_first().ok_or(Fault::Foreign)?;
    let (id, tag) = rest.split_first_chunk::<32>().ok_or(Fault::Foreign)?;
    let (id, tag) = (text::parse_id(id)?, tag.try_into().map_err(|_| Fault::Foreign)?);
    match kind {
        b'c' => Ok((StoreEvent::Changed(id), tag)),
        b'd' => Ok((StoreEvent::Deleted(id), tag)),
        _ => Err(Fault::Foreign),
    }
}

#[cfg(test)]
mod tests {
    use tower_sessions::session::Id;

    use super::*;

    #[test]
    fn messages_come_back() {
        let tag = [b'7'; 32];
        for event in [StoreEvent::Changed(Id(-5)), StoreEvent::Deleted(Id(i128::MAX))] {
            let message = message(&event, &tag);
            assert_eq!(parse(&message).unwrap(), (event, tag));
            for length in 0..message.len() {
                assert!(parse(&message[..length]).is_err(), "{length}");
            }
            assert!(parse(&[&message[..], b"0"].concat()).is_err());
        }
        let foreign = [b"x", text::id(&Id(1)).as_bytes(), &tag].concat();
        assert!(parse(&foreign).is_err());
    }
}
