//! The attributes of `bdd-harness`. Rust requires a separate package for procedural macros; use them from
//! `bdd_harness`.

use proc_macro::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{
    Attribute, DeriveInput, Error, Expr, ExprLit, FnArg, ItemFn, Lit, LitStr, Meta, MetaNameValue,
    Result, Token, Type, parse::Parser as _, parse_macro_input, punctuated::Punctuated,
};

/// Registers a function as a step: `#[given(expr = "a cucumber expression with {string}")]`, or
/// `#[given(regex = r"^a regular expression with (\d+) groups?$")]`.
///
/// The step can be used after Given, When and Then alike, so one attribute is enough. The function takes
/// `&mut World`, then one argument for each `{parameter}` or group, in order, each read with `FromStr`. A `Text`
/// is a `{string}` with its variables filled in; a `String` is as written. A group that matches nothing is an empty text.
/// A `&Step` argument, anywhere after the world, gets the step with its table or docstring. If the function reads it only
/// by `argument::docstring`, or only by `argument::table` and its relatives, `--dry-run` finds steps with the other one.
/// The function returns nothing or a `Result<(), E>` where `E` becomes a `Failure`, and may be async. Its doc comment is
/// shown by `--steps`.
///
/// A step that may take longer than others has its own limit: `#[when(expr = "…", within = "5m")]`. Its limit is the longer one
/// of this and `--step-timeout`.
///
/// A step that only some machines can run names the tag that its scenarios must have: `#[when(expr = "…", tag = "browser")]`.
#[proc_macro_attribute]
pub fn given(attribute: TokenStream, item: TokenStream) -> TokenStream {
    step(attribute, item)
}

/// The same as [`macro@given`].
#[proc_macro_attribute]
pub fn when(attribute: TokenStream, item: TokenStream) -> TokenStream {
    step(attribute, item)
}

/// The same as [`macro@given`].
#[proc_macro_attribute]
pub fn then(attribute: TokenStream, item: TokenStream) -> TokenStream {
    step(attribute, item)
}

/// Registers a parameter type: `#[derive(Parameter)] #[param(name = "colour", regex = "red|blue")]` lets expressions
/// use `{colour}`. The type is read with `FromStr`.
#[proc_macro_derive(Parameter, attributes(param))]
pub fn parameter(item: TokenStream) -> TokenStream {
    let input = parse_macro_input!(item as DeriveInput);
    parameter_type(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

fn step(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    Options::parse(attribute)
        .and_then(|options| registered(&options, &function))
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// The arguments of a step's attribute.
struct Options {
    expression: LitStr,
    is_regex: bool,
    within: Option<LitStr>,
    tag: Option<LitStr>,
}

impl Options {
    fn parse(attribute: TokenStream) -> Result<Self> {
        let options = Punctuated::<MetaNameValue, Token![,]>::parse_terminated.parse(attribute)?;
        let (mut expression, mut regex, mut within, mut tag) = (None, None, None, None);
        for option in &options {
            let place = if option.path.is_ident("expr") {
                &mut expression
            } else if option.path.is_ident("regex") {
                &mut regex
            } else if option.path.is_ident("within") {
                &mut within
            } else if option.path.is_ident("tag") {
                &mut tag
            } else {
                return Err(Error::new_spanned(
                    &option.path,
                    "a step has `expr` or `regex`, `within` and `tag`",
                ));
            };
            *place = Some(text(&option.value)?);
        }
        let is_regex = regex.is_some();
        let ((Some(expression), None) | (None, Some(expression))) = (expression, regex) else {
            return Err(Error::new(
                proc_macro2::Span::call_site(),
                "write `expr = \"a cucumber expression\"` or `regex = r\"^a regular expression$\"`",
            ));
        };
        Ok(Self {
            expression,
            is_regex,
            within,
            tag,
        })
    }
}

fn registered(options: &Options, function: &ItemFn) -> Result<proc_macro2::TokenStream> {
    let (expression, is_regex) = (&options.expression, options.is_regex);
    let (within, tag) = (
        optional(options.within.as_ref()),
        optional(options.tag.as_ref()),
    );
    let name = &function.sig.ident;
    let (mut reads, mut arguments) = (Vec::new(), Vec::new());
    let mut parameters = 0_usize;
    let mut step = None;
    for input in function.sig.inputs.iter().skip(1) {
        let FnArg::Typed(argument) = input else {
            return Err(Error::new_spanned(
                input,
                "a step is a function, not a method",
            ));
        };
        if matches!(*argument.ty, Type::Reference(_)) {
            arguments.push(quote! { step });
            step = Some(&argument.pat);
        } else {
            let ty = &argument.ty;
            let name = format_ident!("parameter_{parameters}");
            reads.push(quote! {
                let #name = arguments.read::<#ty>(#parameters, &mut world.variables)?;
            });
            arguments.push(quote! { #name });
            parameters += 1;
        }
    }
    let places = if is_regex {
        groups(expression)?
    } else {
        places(&expression.value())
    };
    if places != parameters {
        return Err(Error::new_spanned(
            &function.sig.inputs,
            format!(
                "the expression has {places} parameter(s), the function takes {parameters} in addition to the world and the step"
            ),
        ));
    }
    let documentation = documentation(&function.attrs)?;
    let takes_step = step.is_some();
    let attached = step.map_or_else(
        || quote! { ::std::option::Option::None },
        |step| attached(step, function),
    );
    let awaited = function.sig.asyncness.map(|_| quote! { .await });
    let called = name.to_string();
    Ok(quote! {
        #function

        ::bdd_harness::registry::inventory::submit! {
            ::bdd_harness::registry::StepDefinition {
                expression: #expression,
                is_regex: #is_regex,
                documentation: #documentation,
                file: ::std::file!(),
                line: ::std::line!(),
                function: #called,
                takes_step: #takes_step,
                attached: #attached,
                within: #within,
                tag: #tag,
                body: ::bdd_harness::registry::Body::Function(|world, step, arguments| ::std::boxed::Box::pin(async move {
                    let _ = (step, &arguments);
                    #(#reads)*
                    ::bdd_harness::registry::IntoOutcome::into_outcome(#name(world, #(#arguments),*) #awaited)
                })),
            }
        }
    })
}

/// What the function needs below its step, if it reads only a docstring or only a table, and always by the functions of
/// `words::argument`.
fn attached(step: &syn::Pat, function: &ItemFn) -> proc_macro2::TokenStream {
    let (step, body) = (step.to_token_stream(), function.block.to_token_stream());
    let body = body.to_string().replace(char::is_whitespace, "");
    let reads = |names: &[&str]| {
        let mut names = names.iter();
        names.any(|name| body.contains(&format!("argument::{name}({step}")))
    };
    let looks = ["table", "docstring"].map(|part| body.contains(&format!("{step}.{part}")));
    let text = reads(&["docstring"]);
    let table = reads(&["table", "filled_table", "pairs"]);
    match (text, table, looks) {
        (true, false, [false, false]) => {
            quote! { ::std::option::Option::Some(::bdd_harness::registry::Attached::Text) }
        }
        (false, true, [false, false]) => {
            quote! { ::std::option::Option::Some(::bdd_harness::registry::Attached::Table) }
        }
        _ => quote! { ::std::option::Option::None },
    }
}

fn optional(text: Option<&LitStr>) -> proc_macro2::TokenStream {
    text.map_or_else(
        || quote! { ::std::option::Option::None },
        |text| quote! { ::std::option::Option::Some(#text) },
    )
}

fn parameter_type(input: &DeriveInput) -> Result<proc_macro2::TokenStream> {
    let attribute = input
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("param"))
        .ok_or_else(|| {
            Error::new_spanned(&input.ident, "say `#[param(name = \"…\", regex = \"…\")]`")
        })?;
    let (mut name, mut regex) = (None, None);
    attribute.parse_nested_meta(|meta| {
        let place = if meta.path.is_ident("name") {
            &mut name
        } else if meta.path.is_ident("regex") {
            &mut regex
        } else {
            return Err(meta.error("a parameter has `name` and `regex`"));
        };
        *place = Some(meta.value()?.parse::<LitStr>()?);
        Ok(())
    })?;
    let (Some(name), Some(regex)) = (name, regex) else {
        return Err(Error::new_spanned(
            attribute,
            "a parameter needs `name` and `regex`",
        ));
    };
    Ok(quote! {
        ::bdd_harness::registry::inventory::submit! {
            ::bdd_harness::registry::ParameterType {
                name: #name,
                regex: #regex,
                file: ::std::file!(),
                line: ::std::line!(),
            }
        }
    })
}

/// The number of `{parameter}` places in an expression. `\{` is a plain brace.
fn places(expression: &str) -> usize {
    expression
        .replace("\\\\", "")
        .replace("\\{", "")
        .matches('{')
        .count()
}

/// The number of groups of a regular expression.
fn groups(expression: &LitStr) -> Result<usize> {
    let parsed = regex_syntax::parse(&expression.value());
    let parsed = parsed.map_err(|error| Error::new_spanned(expression, error))?;
    Ok(parsed.properties().explicit_captures_len())
}

/// The lines of the doc comment.
fn documentation(attributes: &[Attribute]) -> Result<String> {
    let mut lines = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
    {
        if let Meta::NameValue(line) = &attribute.meta {
            lines.push(text(&line.value)?.value().trim().to_owned());
        }
    }
    Ok(lines.join("\n"))
}

fn text(value: &Expr) -> Result<LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Ok(text.clone()),
        other => Err(Error::new_spanned(other, "this must be a string literal")),
    }
}
