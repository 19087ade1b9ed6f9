//! `#[derive(Read)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Ident, Result};

use crate::attributes::{Attributes, Default};
use crate::parts::{fields, only_field, variants};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
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
    let (mut blanks, mut needed) = (Vec::new(), 0_u64);
    let fields = fields(attributes, data)?;
    for (index, field) in fields.iter().enumerate() {
        if index == u64::BITS as usize {
            return Err(Error::new(field.ident.span(), "Read counts to 64 fields"));
        }
        blanks.push(match &field.own.default {
            None => quote!(::fieldsync_protocol::read::Read::blank()),
            Some(Default::OfType) => quote!(::core::default::Default::default()),
            Some(Default::Function(path)) => quote!(#path()),
        });
        if field.own.default.is_none() && attributes.default.is_none() && !is_option(field.r#type) {
            needed |= 1 << index;
        }
    }
    let (idents, names): (Vec<_>, Vec<_>) =
        fields.iter().map(|field| (field.ident, field.name.as_str())).unzip();
    let blank = match &attributes.default {
        None => quote!(#ident { #(#idents: #blanks),* }),
        Some(Default::OfType) => quote!(::core::default::Default::default()),
        Some(Default::Function(path)) => quote!(#path()),
    };
    let indices = 0_usize..;
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::read::Read for #ident {
            fn blank() -> Self {
                #blank
            }

            fn shape(&self) -> &'static ::fieldsync_protocol::read::Shape {
                const { &::fieldsync_protocol::read::Shape::Object { fields: &[#(#names),*], needed: #needed } }
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
    let field = only_field(data)?;
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
    let (variants, names) = variants(attributes, data)?;
    let Some(first) = variants.first() else {
        return Err(Error::new(ident.span(), "an enum of nothing cannot be read"));
    };
    let indices = 0_usize..;
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::read::Read for #ident {
            fn blank() -> Self {
                #ident::#first
            }

            fn shape(&self) -> &'static ::fieldsync_protocol::read::Shape {
                const { &::fieldsync_protocol::read::Shape::Name(&[#(#names),*]) }
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
