//! The only hands: carries out what the scheduler asks for, and answers each job once.
