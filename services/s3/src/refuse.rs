//! What AWS would act on and we do not: said at once, never stored in silence.

/// Refuses an input that sets any of these members.
macro_rules! refuse {
    ($input:ident: $($member:ident => $what:literal,)*) => {
        $(if $input.$member.is_some() {
            return Err($crate::errors::not_emulated($what).into());
        })*
    };
}

pub(crate) use refuse;
