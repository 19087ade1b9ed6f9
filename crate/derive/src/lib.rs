//! `#[derive(Read)]` and `#[derive(Write)]`: what `fieldsync_protocol::read` and `write` need to know of a type, and serde's
//! `Deserialize` and `Serialize` by way of them.
//!
//! They go by the same `#[serde(…)]` attributes as serde's own derives, as do the TypeScript types and the OpenAPI schemas.
//! What they do not know does not compile.

mod attributes;
mod parts;
mod read;
mod write;

use proc_macro::TokenStream;
use syn::spanned::Spanned;
use syn::{DeriveInput, Error, Result, parse_macro_input};

/// Reads a struct with named fields, a struct around one value that is `transparent`, or an enum of bare names.
#[proc_macro_derive(Read, attributes(serde))]
pub fn derive_read(input: TokenStream) -> TokenStream {
    derive(parse_macro_input!(input), read::expand)
}

/// Writes what [`Read`](macro@Read) reads.
#[proc_macro_derive(Write, attributes(serde))]
pub fn derive_write(input: TokenStream) -> TokenStream {
    derive(parse_macro_input!(input), write::expand)
}

fn derive(input: DeriveInput, expand: fn(&DeriveInput) -> Result<proc_macro2::TokenStream>) -> TokenStream {
    let expanded = match input.generics.params.first() {
        Some(parameter) => Err(Error::new(parameter.span(), "this is for types without parameters")),
        None => expand(&input),
    };
    expanded.unwrap_or_else(Error::into_compile_error).into()
}
