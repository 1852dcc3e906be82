"""The integration procedure: eight steps from an access token to a judged report, on real or made-up data."""
