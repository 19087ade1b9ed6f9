//! `#[derive(Write)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Ident, Result};

use crate::attributes::Attributes;
use crate::parts::{Field, fields, only_field, variants};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = Attributes::of_type(&input.attrs)?;
    let write = match &input.data {
        Data::Struct(data) if attributes.is_transparent => transparent(&input.ident, data)?,
        Data::Struct(data) => object(&input.ident, &attributes, data)?,
        Data::Enum(data) => name(&input.ident, &attributes, data)?,
        Data::Union(data) => return Err(Error::new(data.union_token.span(), "Write is not for unions")),
    };
    let ident = &input.ident;
    Ok(quote! {
        #write

        #[automatically_derived]
        impl ::serde::Serialize for #ident {
            fn serialize<S: ::serde::Serializer>(&self, into: S) -> ::core::result::Result<S::Ok, S::Error> {
                ::fieldsync_protocol::write::serialize(self, into)
            }
        }
    })
}

fn object(ident: &Ident, attributes: &Attributes, data: &DataStruct) -> Result<TokenStream> {
    let fields = fields(attributes, data)?;
    let names = fields.iter().map(|field| &field.name);
    let members = fields.iter().enumerate().map(|(index, Field { ident, own, .. })| match &own.skip_if {
        Some(skip) => quote!(#index if !#skip(&self.#ident) => ::core::option::Option::Some(&self.#ident),),
        None => quote!(#index => ::core::option::Option::Some(&self.#ident),),
    });
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::write::Write for #ident {
            fn write(&self) -> ::fieldsync_protocol::write::Written<'_> {
                ::fieldsync_protocol::write::Written::Object(&[#(#names),*])
            }

            fn member(&self, index: usize) -> ::core::option::Option<&dyn ::fieldsync_protocol::write::Write> {
                match index {
                    #(#members)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    })
}

fn transparent(ident: &Ident, data: &DataStruct) -> Result<TokenStream> {
    let field = only_field(data)?;
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::write::Write for #ident {
            fn write(&self) -> ::fieldsync_protocol::write::Written<'_> {
                ::fieldsync_protocol::write::Written::As(&self.#field)
            }
        }
    })
}

fn name(ident: &Ident, attributes: &Attributes, data: &DataEnum) -> Result<TokenStream> {
    let (variants, names) = variants(attributes, data)?;
    Ok(quote! {
        #[automatically_derived]
        impl ::fieldsync_protocol::write::Write for #ident {
            fn write(&self) -> ::fieldsync_protocol::write::Written<'_> {
                ::fieldsync_protocol::write::Written::Text(match self {
                    #(#ident::#variants => #names,)*
                })
            }
        }
    })
}
