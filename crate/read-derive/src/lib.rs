//! `#[derive(Read)]`: what `fieldsync_protocol::read` needs to know of a type, and serde's `Deserialize` by way of it.
//!
//! It goes by the same `#[serde(…)]` attributes as serde's own derives, so that what is written is read again and the
//! TypeScript types and the OpenAPI schemas, which go by them too, stay true. What it does not know does not compile.

mod attributes;

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Fields, Ident, Result, parse_macro_input};

use crate::attributes::{Attributes, Default};

/// Reads a struct with named fields, a struct around one value that is `transparent`, or an enum of bare names.
#[proc_macro_derive(Read, attributes(serde))]
pub fn derive_read(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if let Some(parameter) = input.generics.params.first() {
        return Err(Error::new(parameter.span(), "Read is for types without parameters"));
    }
    let attributes = Attributes::of_type(&input.attrs)?;
    let read = match &input.data {
        Data::Struct(data) if attributes.is_transparent => transparent(&input.ident, data)?,
        Data::Struct(data) => object(&input.ident, &attributes, data)?,
        Data::Enum(data) => name(&input.ident, &attributes, data)?,
        Data::Union(data) => return Err(Error::new(data.union_token.span(), "Read is not for unions")),
    };
    let ident = &input.ident;
    Ok(quote! {
        #read

        #[automatically_derived]
        impl<'de> ::serde::Deserialize<'de> for #ident {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                ::fieldsync_protocol::read::deserialize(from)
            }
        }
    })
}

fn object(ident: &Ident, attributes: &Attributes, data: &DataStruct) -> Result<TokenStream> {
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new(data.fields.span(), "Read needs names for the fields, or serde(transparent)"));
    };
    let (mut idents, mut names, mut blanks, mut needed) = (Vec::new(), Vec::new(), Vec::new(), 0_u64);
    for (index, field) in fields.named.iter().enumerate() {
        let own = Attributes::of_field(&field.attrs)?;
        let Some(ident) = &field.ident else { continue };
        if index == u64::BITS as usize {
            return Err(Error::new(field.span(), "Read counts to 64 fields"));
        }
        names.push(own.name.unwrap_or_else(|| attributes.case.field(ident)));
        blanks.push(match &own.default {
            None => quote!(::fieldsync_protocol::read::Read::blank()),
            Some(Default::OfType) => quote!(::core::default::Default::default()),
            Some(Default::Function(path)) => quote!(#path()),
        });
        if own.default.is_none() && attributes.default.is_none() && !is_option(&field.ty) {
            needed |= 1 << index;
        }
        idents.push(ident);
    }
    let blank = match &attributes.default {
        None => quote!(#ident { #(#idents: #blanks),* }),
        Some(Default::OfType) => quote!(::core::default::Default::default()),
        Some(Default::Function(path)) => quote!(#path()),
    };
    let (title, indices) = (format!("struct {ident}"), 0_usize..);
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::read::Read for #ident {
            fn blank() -> Self {
                #blank
            }

            fn shape(&self) -> &'static ::fieldsync_protocol::read::Shape {
                const { &::fieldsync_protocol::read::Shape::Object { title: #title, fields: &[#(#names),*], needed: #needed } }
            }

            fn clear(&mut self) {
                *self = ::fieldsync_protocol::read::Read::blank();
            }

            fn part(&mut self, index: usize) -> ::core::option::Option<&mut dyn ::fieldsync_protocol::read::Read> {
                match index {
                    #(#indices => ::core::option::Option::Some(&mut self.#idents),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    })
}

/// Whether it may be absent, as far as the type's name tells.
fn is_option(of: &syn::Type) -> bool {
    let syn::Type::Path(path) = of else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Option")
}

fn transparent(ident: &Ident, data: &DataStruct) -> Result<TokenStream> {
    if data.fields.len() != 1 {
        return Err(Error::new(data.fields.span(), "what is transparent has one field"));
    }
    let field = match data.fields.members().next() {
        Some(member) => quote!(#member),
        None => return Err(Error::new(data.fields.span(), "what is transparent has one field")),
    };
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::read::Read for #ident {
            fn blank() -> Self {
                #ident { #field: ::fieldsync_protocol::read::Read::blank() }
            }

            fn shape(&self) -> &'static ::fieldsync_protocol::read::Shape {
                self.#field.shape()
            }

            fn clear(&mut self) {
                self.#field.clear();
            }

            fn part(&mut self, index: usize) -> ::core::option::Option<&mut dyn ::fieldsync_protocol::read::Read> {
                self.#field.part(index)
            }

            fn set(
                &mut self,
                value: ::fieldsync_protocol::read::Scalar<'_>,
            ) -> ::core::result::Result<(), ::fieldsync_protocol::read::Refused> {
                self.#field.set(value)
            }
        }
    })
}

fn name(ident: &Ident, attributes: &Attributes, data: &DataEnum) -> Result<TokenStream> {
    let (mut variants, mut names) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new(variant.fields.span(), "Read is for enums of bare names"));
        }
        let own = Attributes::of_variant(&variant.attrs)?;
        names.push(own.name.unwrap_or_else(|| attributes.case.variant(&variant.ident)));
        variants.push(&variant.ident);
    }
    let Some(first) = variants.first() else {
        return Err(Error::new(ident.span(), "an enum of nothing cannot be read"));
    };
    let (title, indices) = (ident.to_string(), 0_usize..);
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::read::Read for #ident {
            fn blank() -> Self {
                #ident::#first
            }

            fn shape(&self) -> &'static ::fieldsync_protocol::read::Shape {
                const { &::fieldsync_protocol::read::Shape::Name { title: #title, names: &[#(#names),*] } }
            }

            fn set(
                &mut self,
                value: ::fieldsync_protocol::read::Scalar<'_>,
            ) -> ::core::result::Result<(), ::fieldsync_protocol::read::Refused> {
                *self = match value {
                    #(::fieldsync_protocol::read::Scalar::Name(#indices) => #ident::#variants,)*
                    _ => return ::core::result::Result::Err(::fieldsync_protocol::read::Refused::Type),
                };
                ::core::result::Result::Ok(())
            }
        }
    })
}
