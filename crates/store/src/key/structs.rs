//! How a service makes keys of its own types.

/// Makes a struct with named fields a key; fields are compared in the order given.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// struct MessageKey { queue: String, number: u64 }
/// store::key_struct!(MessageKey { queue: String, number: u64 });
/// ```
///
/// `tx.prefix(&MESSAGES, &("orders",))` then finds all messages of one queue.
#[macro_export]
macro_rules! key_struct {
    ($name:ty { $($field:ident : $type:ty),+ $(,)? }) => {
        impl $crate::KeyRef for $name {
            type Key = Self;

            fn encode(&self, out: &mut Vec<u8>) {
                $($crate::KeyRef::encode(&self.$field, out);)+
            }
        }

        impl $crate::Key for $name {
            type Parts = ($($type,)+);

            fn decode(input: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: <$type as $crate::Key>::decode(input)?),+ })
            }
        }
    };
}

/// Makes a newtype a key that sorts as what it holds.
///
/// ```
/// struct QueueName(String);
/// store::key_newtype!(QueueName(String));
/// ```
#[macro_export]
macro_rules! key_newtype {
    ($name:ident ($inner:ty)) => {
        impl $crate::KeyRef for $name {
            type Key = Self;

            fn encode(&self, out: &mut Vec<u8>) {
                $crate::KeyRef::encode(&self.0, out);
            }
        }

        impl $crate::Key for $name {
            type Parts = <$inner as $crate::Key>::Parts;

            fn decode(input: &mut &[u8]) -> Option<Self> {
                Some(Self(<$inner as $crate::Key>::decode(input)?))
            }
        }
    };
}
