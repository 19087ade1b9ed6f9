//! What a type is made of, and under which names.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{DataEnum, DataStruct, Error, Fields, Ident, Result, Type};

use crate::attributes::Attributes;

/// A field of an object.
pub struct Field<'a> {
    pub ident: &'a Ident,
    pub name: String,
    pub r#type: &'a Type,
    pub own: Attributes,
}

pub fn fields<'a>(attributes: &Attributes, data: &'a DataStruct) -> Result<Vec<Field<'a>>> {
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new(data.fields.span(), "the fields need names, or the type serde(transparent)"));
    };
    fields
        .named
        .iter()
        .filter_map(|field| field.ident.as_ref().map(|ident| (ident, field)))
        .map(|(ident, field)| {
            let own = Attributes::of_field(&field.attrs)?;
            let name = own.name.clone().unwrap_or_else(|| attributes.case.field(ident));
            Ok(Field { ident, name, r#type: &field.ty, own })
        })
        .collect()
}

/// The one field of what is transparent.
pub fn only_field(data: &DataStruct) -> Result<TokenStream> {
    let mut members = data.fields.members();
    match (members.next(), members.next()) {
        (Some(member), None) => Ok(member.to_token_stream()),
        _ => Err(Error::new(data.fields.span(), "what is transparent has one field")),
    }
}

/// The variants of an enum, and their names.
pub fn variants<'a>(attributes: &Attributes, data: &'a DataEnum) -> Result<(Vec<&'a Ident>, Vec<String>)> {
    data.variants
        .iter()
        .map(|variant| {
            if !matches!(variant.fields, Fields::Unit) {
                return Err(Error::new(variant.fields.span(), "the enum has bare names alone"));
            }
            let own = Attributes::of_variant(&variant.attrs)?;
            Ok((&variant.ident, own.name.unwrap_or_else(|| attributes.case.variant(&variant.ident))))
        })
        .collect()
}
