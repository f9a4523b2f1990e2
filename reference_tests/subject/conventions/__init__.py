"""Other interfaces than the contract's: each is read by trials, and an adapter to the contract is written"""
