//! Keys sort as their values do and come back unchanged, whatever bytes they hold.

use kernel::Bytes;
use proptest::prelude::*;
use store::{Key, KeyRef};

fn encoded(key: &impl KeyRef) -> Vec<u8> {
    let mut bytes = Vec::new();
    key.encode(&mut bytes);
    bytes
}

fn decoded<K: Key>(bytes: &[u8]) -> Option<K> {
    let mut rest = bytes;
    K::decode(&mut rest).filter(|_| rest.is_empty())
}

/// Byte strings full of the bytes that escaping is about.
fn tricky() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(0xFE), Just(0xFF), any::<u8>()], 0..6)
}

proptest! {
    #[test]
    fn tuples_sort_component_by_component(
        a in (tricky(), any::<i64>(), "[\\x00ab\u{10FFFF}]{0,4}", tricky()),
        b in (tricky(), any::<i64>(), "[\\x00ab\u{10FFFF}]{0,4}", tricky()),
        same in 0..4,
    ) {
        let mut b = b;
        // Equal leading components, so that later ones decide too.
        if same > 0 { b.0 = a.0.clone(); }
        if same > 1 { b.1 = a.1; }
        if same > 2 { b.2 = a.2.clone(); }
        prop_assert_eq!(encoded(&a).cmp(&encoded(&b)), a.cmp(&b));
        prop_assert_eq!(decoded(&encoded(&a)), Some(a));
    }

    #[test]
    fn numbers_sort_as_numbers(a in any::<(i32, u32, u64, bool)>(), b in any::<(i32, u32, u64, bool)>()) {
        prop_assert_eq!(encoded(&a).cmp(&encoded(&b)), a.cmp(&b));
        prop_assert_eq!(decoded(&encoded(&a)), Some(a));
    }

    #[test]
    fn stand_ins_encode_as_what_they_stand_for(text in ".*", bytes in tricky(), number in any::<u64>()) {
        prop_assert_eq!(encoded(&(&*text, number)), encoded(&(text.clone(), number)));
        prop_assert_eq!(encoded(&&bytes[..]), encoded(&Bytes::from(bytes.clone())));
    }

    #[test]
    fn whatever_is_decoded_does_not_panic(bytes in tricky()) {
        let _ = decoded::<(String, u64)>(&bytes);
        let _ = decoded::<(Vec<u8>, bool)>(&bytes);
        let _ = decoded::<kernel::Timestamp>(&bytes);
    }
}
