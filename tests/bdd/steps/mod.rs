//! The words of this domain.
