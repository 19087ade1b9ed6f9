//! The `#[serde(…)]` attributes, as far as types here have them.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, ExprPath, Ident, LitStr, Result};

/// How names are spelled in JSON.
#[derive(Clone, Copy)]
pub enum Case {
    AsIs,
    Camel,
    Kebab,
    Lower,
    Snake,
    Upper,
}

impl Case {
    fn parse(name: &LitStr) -> Result<Case> {
        Ok(match name.value().as_str() {
            "camelCase" => Case::Camel,
            "kebab-case" => Case::Kebab,
            "lowercase" => Case::Lower,
            "snake_case" => Case::Snake,
            "UPPERCASE" => Case::Upper,
            _ => return Err(syn::Error::new(name.span(), "this case is not known here")),
        })
    }

    /// A field's name, from `snake_case`.
    pub fn field(self, ident: &Ident) -> String {
        let name = ident.unraw().to_string();
        match self {
            Case::AsIs | Case::Snake | Case::Lower => name,
            Case::Upper => name.to_uppercase(),
            Case::Kebab => name.replace('_', "-"),
            Case::Camel => {
                let mut words = name.split('_');
                let first = words.next().unwrap_or_default().to_owned();
                words.fold(first, |name, word| name + &initial(word, char::to_ascii_uppercase))
            }
        }
    }

    /// A variant's name, from `PascalCase`.
    pub fn variant(self, ident: &Ident) -> String {
        let name = ident.unraw().to_string();
        match self {
            Case::AsIs => name,
            Case::Lower => name.to_lowercase(),
            Case::Upper => name.to_uppercase(),
            Case::Camel => initial(&name, char::to_ascii_lowercase),
            Case::Kebab => separated(&name, '-'),
            Case::Snake => separated(&name, '_'),
        }
    }
}

/// `PascalCase` in small letters, with this between its words.
fn separated(name: &str, by: char) -> String {
    name.char_indices().fold(String::new(), |mut words, (at, letter)| {
        if at > 0 && letter.is_uppercase() {
            words.push(by);
        }
        words.push(letter.to_ascii_lowercase());
        words
    })
}

/// A word with its first letter changed.
fn initial(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| change(&first)).into_iter().chain(letters).collect()
}

/// What stands where nothing is said.
pub enum Default {
    /// `Default::default()`.
    OfType,
    /// What this function returns.
    Function(ExprPath),
}

/// What is said of a type, a field or a variant.
pub struct Attributes {
    pub case: Case,
    pub name: Option<String>,
    pub default: Option<Default>,
    /// Where this is so, the field is not written.
    pub skip_if: Option<ExprPath>,
    pub is_transparent: bool,
}

impl Attributes {
    pub fn of_type(given: &[Attribute]) -> Result<Attributes> {
        Attributes::parse(given, &["rename_all", "default", "transparent"])
    }

    pub fn of_field(given: &[Attribute]) -> Result<Attributes> {
        Attributes::parse(given, &["rename", "default", "skip_serializing_if"])
    }

    pub fn of_variant(given: &[Attribute]) -> Result<Attributes> {
        Attributes::parse(given, &["rename"])
    }

    fn parse(given: &[Attribute], known: &[&str]) -> Result<Attributes> {
        let mut found =
            Attributes { case: Case::AsIs, name: None, default: None, skip_if: None, is_transparent: false };
        for attribute in given.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            attribute.parse_nested_meta(|meta| {
                let name = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
                if !known.contains(&name.as_str()) {
                    return Err(meta.error("this is not known here; derive serde's own"));
                }
                found.take(&name, &meta)
            })?;
        }
        Ok(found)
    }

    fn take(&mut self, name: &str, meta: &ParseNestedMeta<'_>) -> Result<()> {
        match name {
            "rename_all" => self.case = Case::parse(&meta.value()?.parse()?)?,
            "rename" => self.name = Some(meta.value()?.parse::<LitStr>()?.value()),
            "default" if meta.input.peek(syn::Token![=]) => {
                self.default = Some(Default::Function(meta.value()?.parse::<LitStr>()?.parse()?));
            }
            "default" => self.default = Some(Default::OfType),
            "skip_serializing_if" => self.skip_if = Some(meta.value()?.parse::<LitStr>()?.parse()?),
            _ => self.is_transparent = true,
        }
        Ok(())
    }
}
