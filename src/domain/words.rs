//! One macro for closed vocabularies: each value has a wire word, a Chinese and an English name.
//!
//! Why: every list of values (levels, hazards, states …) is read from files, printed on three screens and sent on the
//! wire. Said once, the three can not drift. Invariant: words are unique within a list and never change meaning.

/// Defines an enum whose variants carry a wire word, a Chinese name and an English name.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* #[doc = $en] $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the word used on the wire, in files and in the store.
            pub const fn word(self) -> &'static str { match self { $(Self::$variant => $word,)+ } }

            /// Returns the Chinese name.
            pub const fn zh(self) -> &'static str { match self { $(Self::$variant => $zh,)+ } }

            /// Returns the English name.
            pub const fn en(self) -> &'static str { match self { $(Self::$variant => $en,)+ } }

            /// Returns the value of a wire word, `None` for any other text.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// Lists the wire words, for an error that tells the way out.
            pub fn choices() -> String {
                Self::ALL.iter().map(|v| v.word()).collect::<Vec<_>>().join(", ")
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.word()) }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(self.word()) }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(d)?;
                Self::from_word(&word).ok_or_else(|| serde::de::Error::custom(format!(
                    "`{word}` is not one of: {}", Self::choices())))
            }
        }
    };
}
pub(crate) use words;
